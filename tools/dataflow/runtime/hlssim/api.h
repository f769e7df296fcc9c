// What instrumented code calls.
#pragma once
#include "region.h"
#include "report.h"

namespace hlssim {

inline void block(Process &p, Wait::Kind kind, Channel &c) {
  Process *&end = kind == Wait::kRead ? c.reader_ : c.writer_;
  end = &p;
  p.wait.kind = kind;
  p.wait.channel = &c;
  p.wait.also = nullptr;
  Simulation::get().scheduler.wait();
  p.wait.kind = Wait::kNothing;
  end = nullptr;
}

/// A token of `c` is there when this returns.
inline void read(Channel &c) {
  Process &p = Simulation::process();
  c.claim_reader(p);
  if (p.pipeline->active()) return p.pipeline->read(c);
  while (!c.has_token()) block(p, Wait::kRead, c);
  if (c.token_time() > p.now) {
    p.account->starved += c.token_time() - p.now;
    p.now = c.token_time();
  }
  c.free(p.now + 1);
  p.now += Simulation::get().timing.sequential_access;
}

/// A token of `c` is on its way when this returns.
inline void write(Channel &c) {
  Process &p = Simulation::process();
  c.claim_writer(p);
  c.stage();
  if (p.pipeline->active()) return p.pipeline->write(c);
  while (!c.has_slot()) block(p, Wait::kWrite, c);
  if (c.slot_time() > p.now) {
    p.account->back_pressured += c.slot_time() - p.now;
    p.now = c.slot_time();
  }
  c.commit(p.now);
  p.now += Simulation::get().timing.sequential_access;
}

/// A beat is read from memory.
inline void memory_read() {
  Process &p = Simulation::process();
  ++Simulation::get().beats_read;
  if (p.pipeline->active()) return p.pipeline->memory_read();
  p.now += Simulation::get().timing.memory_read;
  p.account->memory += Simulation::get().timing.memory_read;
}

/// A beat is written to memory.
inline void memory_write() {
  Process &p = Simulation::process();
  ++Simulation::get().beats_written;
  if (p.pipeline->active()) return p.pipeline->memory_write();
  p.now += Simulation::get().timing.memory_write;
  p.account->memory += Simulation::get().timing.memory_write;
}

/// An iteration of a loop around pipelined ones.
inline void sequential_iteration() {
  Process &p = Simulation::process();
  if (!p.pipeline->active()) p.now += Simulation::get().timing.sequential_iteration;
}

/// An iteration of a loop that has neither PIPELINE nor UNROLL.
inline void plain_iteration() {
  Process &p = Simulation::process();
  if (!p.pipeline->active()) p.now += Simulation::get().timing.plain_iteration;
}

/// Scope of a pipelined loop.
class Loop {
public:
  explicit Loop(Site &site) : p_(Simulation::process()) {
    if (p_.pipeline->active())
      Simulation::get().fail("nesting", "loop " + site.label + " is inside the pipelined loop " +
                                            p_.pipeline->site()->label);
    p_.pipeline->begin(site, p_);
  }
  ~Loop() {
    if (!std::uncaught_exception()) p_.pipeline->end();
  }
  void iteration() { p_.pipeline->iteration(); }

private:
  Process &p_;
};

/// The body of the top function: one run of the simulation, from cycle 0.
inline void run_top(const std::function<void()> &body) {
  Simulation &s = Simulation::get();
  if (s.failed()) return; // static memories of the kernel are in no defined state
  Pipeline pipeline;
  Process top;
  top.account = &s.top;
  top.pipeline = &pipeline;
  top.body = body;
  begin_run(s);
  const bool ended = s.scheduler.run(top);
  if (!s.scheduler.exception().empty()) s.note("exception", s.scheduler.exception());
  if (!ended && !s.failed()) report_deadlock(s);
  if (ended) s.cycles = top.now;
  s.abandoned = !ended;
  for (Channel *c = s.failed() ? nullptr : s.channels; c; c = c->next()) {
    c->check_empty();
    c->finish();
  }
  s.running = false;
  s.scheduler.clear();
}

} // namespace hlssim

#include "library.h"
