#!/bin/sh
# Table I with three seeds on one GPU in eight to nine minutes: gpu.sh DATA OUT [SECONDS] [PYTHON]
# DATA holds wt2_test.txt and wt2_valid.txt; OUT gets the results; SECONDS are for the training.
# Checks that the numbers on the GPU are the integers', chooses the schedule, trains all rows.
data=$1 out=$2 seconds=${3:-290} python=${4:-python3}
export PYTHONUNBUFFERED=1 PYTHONPATH="$PWD:$PWD/tests/fine_tuning" OMP_NUM_THREADS=1
run="$python -m benchmarks.paper_pbd"
mkdir -p "$out"
timeout 60 "$python" -m pytest -q -x -p no:cacheprovider -k cuda tests/fine_tuning \
    >"$out/exactness.txt" 2>&1
tail -40 "$out/exactness.txt"
timeout 60 $run.run --quick --device cuda --data "$data" || exit 1
timeout 140 $run.search --device cuda --data "$data" --epochs 12 --output "$out/search.json" \
    --work build/search
searched=; [ -f "$out/search.json" ] && searched="--searched $out/search.json"
timeout $((seconds + 110)) $run.run --device cuda --data "$data" --fit "$seconds" $searched \
    --output "$out/paper_pbd" --work build/paper_pbd
status=$?
cat build/paper_pbd/table-*.json >"$out/table_logs.txt" 2>/dev/null
exit $status
