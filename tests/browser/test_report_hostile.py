"""Names that look like markup, script or templates are shown as they are, and do nothing."""

import pytest
from exploration_examples import baselines, candidate, exploration

HOSTILE = [
    "</script><script>window.ran = 1</script>",
    "<!--<script>window.ran = 1",
    "<img src=x onerror='window.ran = 1'>",
    "{{data}}{{script}} ${window.ran = 1} \\u003cb>",
    "\"'&lt;&amp;\u2028\u2029\\",
    "__proto__",
    "constructor",
    "</style></title><svg onload=window.ran=1>",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_and_do_not_run(opened, name):
    hostile = candidate(
        options={"method": name, name: [name, 1]},
        design={name: {name: name}},
        limit=name,
        stages={name: 10.0},
        resources={name: (1, 2), "dsp": 3},
    )
    others = [*baselines(), candidate(engine=name, microseconds=3.0)]
    page = opened(
        exploration([hostile], others, asked=name, device=name, left_out={name: 3}),
    )
    assert page.value("window.ran === undefined")
    assert page.complaints() == [] and len(page.requests()) == 1
    shown = page.value(
        "['title', 'asked', 'summary', 'chosen', 'legend', 'table'].map(id =>"
        " document.getElementById(id).textContent)"
    )
    assert [name in told for told in shown] == [True] * 6
    assert page.value("document.querySelectorAll('img, b, script:not(#data)').length") == 1
    assert name in page.value("document.title") or "\u2028" in name
    page.hover('.point[data-index="0"] .mark')
    assert name in page.value("document.getElementById('tooltip').textContent")
    assert page.value("window.ran === undefined")


def test_the_policy_forbids_other_scripts(opened):
    page = opened()
    page.value(
        "{ const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s); const d = document.createElement('div');"
        " d.innerHTML = '<img src=x onerror=\"window.ran = 1\">'; document.body.append(d); }"
    )
    page.value("new Promise(done => setTimeout(done, 50))")
    assert page.value("window.ran === undefined")
