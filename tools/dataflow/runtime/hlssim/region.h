// A dataflow region: its processes run at the same time, the calls of one process one after another.
//
// Call n of a process starts when its call n - 1 has ended, its producers have started their call n,
// and each consumer has ended its call n - d (d: depth of the FIFO that hands the start on). Processes
// without a producer wait for one another: none starts call n before all have ended n - 1.
#pragma once
#include "pipeline.h"

namespace hlssim {

/// From producer to consumer, `levels` apart in the longest chain of processes; 0 where what one
/// call writes is read by the next one.
struct Edge {
  int from, to, levels;
};

class Region {
public:
  Region(std::initializer_list<const char *> names, std::initializer_list<Edge> edges)
      : parent_(Simulation::process()), edges_(edges), workers_(names.size()) {
    int i = 0;
    for (const char *name : names) {
      Worker &w = workers_[i];
      w.process.account =
          &Simulation::account(sim().processes, Simulation::path(parent_, name));
      w.process.pipeline = &w.pipeline;
      w.process.body = [this, i] { work(i); };
      w.entry = true;
      ++i;
    }
    for (const Edge &e : edges_)
      if (e.levels) workers_[e.to].entry = false;
    for (Worker &w : workers_) sim().scheduler.start(w.process);
  }

  /// The next turn of the loop around the region; one a cycle, a few calls ahead of the processes.
  void iteration() {
    if (issued_++) ++parent_.now;
    while (workers_[0].calls.size() > kAhead) wait_for_children();
  }
  void call(int index, std::function<void()> body) {
    Worker &w = workers_[index];
    w.calls.push_back({parent_.now, std::move(body)});
    sim().scheduler.wake(w.process);
  }
  void join() {
    closed_ = true;
    for (Worker &w : workers_) sim().scheduler.wake(w.process);
    for (Worker &w : workers_)
      while (!w.process.done) wait_for_children();
    for (Worker &w : workers_) {
      if (!w.ends.empty() && w.ends.back() > parent_.now) parent_.now = w.ends.back();
      sim().scheduler.retire(w.process);
    }
  }

private:
  static constexpr std::size_t kAhead = 8; // bounds memory, not time

  struct Call {
    Cycle issued;
    std::function<void()> body;
  };
  struct Worker {
    Process process;
    Pipeline pipeline;
    std::deque<Call> calls;
    std::vector<Cycle> starts, ends;
    bool entry = false, waits = false;
  };
  static Simulation &sim() { return Simulation::get(); }

  void work(int index) {
    Worker &w = workers_[index];
    for (;;) {
      while (w.calls.empty()) {
        if (closed_) return finished(w);
        idle(w, Wait::kNothing);
      }
      const Call call = std::move(w.calls.front());
      w.calls.pop_front();
      sim().scheduler.wake(parent_);
      w.process.now = start(index, call.issued);
      w.starts.push_back(w.process.now);
      tell();
      w.process.now += sim().timing.call_start;
      call.body();
      w.ends.push_back(w.process.now);
      w.process.account->ends.push_back(w.process.now);
      tell();
    }
  }
  Cycle start(int index, Cycle at) {
    Worker &w = workers_[index];
    const std::size_t n = w.starts.size();
    if (n && w.ends[n - 1] > at) at = w.ends[n - 1];
    for (const Edge &e : edges_) {
      if (!e.levels) {
        if (e.to != index || !n || !sim().timing.feedback_waits) continue;
        at = std::max(at, when(w, workers_[e.from].ends, e.from, n - 1, "end"));
      } else if (e.to == index) {
        const Cycle begun = when(w, workers_[e.from].starts, e.from, n, "start");
        if (begun + sim().timing.start_propagation > at) at = begun + sim().timing.start_propagation;
      } else if (e.from == index) {
        const int set = sim().timing.start_fifo;
        const std::size_t depth = set ? set : e.levels + 1;
        if (n < depth) continue;
        const Cycle taken = when(w, workers_[e.to].ends, e.to, n - depth, "end");
        if (taken > at) at = taken;
      }
    }
    for (std::size_t i = 0; w.entry && n && i < workers_.size(); ++i)
      if (workers_[i].entry) at = std::max(at, when(w, workers_[i].ends, i, n - 1, "end"));
    return at;
  }
  /// The cycle of event `n` of the process `other`; waits until it is known.
  Cycle when(Worker &w, const std::vector<Cycle> &events, int other, std::size_t n,
             const char *what) {
    while (events.size() <= n) {
      w.process.wait.text = workers_[other].process.account->name + " to " + what + " call " +
                            std::to_string(n);
      idle(w, Wait::kStart);
    }
    return events[n];
  }
  void idle(Worker &w, Wait::Kind kind) {
    w.process.wait.kind = kind;
    w.waits = true;
    sim().scheduler.wait();
    w.waits = false;
    w.process.wait.kind = Wait::kNothing;
  }
  /// A start or an end may be what others wait for.
  void tell() {
    for (Worker &w : workers_)
      if (w.waits) sim().scheduler.wake(w.process);
  }
  void finished(Worker &w) {
    w.process.done = true;
    sim().scheduler.wake(parent_);
  }
  void wait_for_children() {
    parent_.wait.kind = Wait::kChildren;
    sim().scheduler.wait();
    parent_.wait.kind = Wait::kNothing;
  }

  Process &parent_;
  std::vector<Edge> edges_;
  std::deque<Worker> workers_;
  bool closed_ = false;
  std::int64_t issued_ = 0;
};

} // namespace hlssim
