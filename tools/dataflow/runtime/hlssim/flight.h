// Results on their way through a pipeline, and the cycles in which a full FIFO froze it.
#pragma once
#include "channel.h"

namespace hlssim {

class Flight {
public:
  bool empty() const { return results_.empty(); }
  std::size_t size() const { return results_.size(); }
  /// Cycle in which the next results leave.
  Cycle exit() const { return results_.front().exit; }

  /// A result that leaves in cycle `exit`, were there no freeze on the way.
  void add(Cycle exit, Channel *to) { results_.push_back({past_freezes(exit), to}); }
  /// The pipeline stands still for `by` cycles.
  void delay(Cycle by) {
    for (auto &r : results_) r.exit += by;
  }
  /// The results that leave next go, together. Null, or a full FIFO that keeps them from it.
  Channel *leave(Cycle &back_pressured) {
    const Cycle due = exit();
    Cycle slot = due;
    std::size_t n = 0;
    for (; n < results_.size() && results_[n].exit == due; ++n) {
      Channel &c = *results_[n].channel;
      if (!c.has_slot()) return &c;
      slot = std::max(slot, c.slot_time());
    }
    for (; n > 0; --n) {
      results_.front().channel->commit(slot);
      results_.pop_front();
    }
    if (slot == due) return nullptr;
    back_pressured += slot - due;
    freezes_.push_back({due, slot - due});
    delay(slot - due);
    return nullptr;
  }
  /// Cycle in which the results due `at` find slots; null, or a full FIFO for which none is known.
  Channel *slots(Cycle at, Cycle &slot) const {
    for (auto &r : results_) {
      if (r.exit != at) break;
      if (!r.channel->has_slot()) return r.channel;
      slot = std::max(slot, r.channel->slot_time());
    }
    return nullptr;
  }

  /// Earliest start of an iteration that reads nothing before `ready`. `at` comes as the start
  /// without freezes and becomes the one that the tokens did not delay.
  Cycle start(Cycle &at, Cycle ready) const {
    Cycle start = std::max(at, ready);
    for (auto &f : freezes_) {
      if (f.start > start) break;
      if (at >= f.start) at += f.length;
      start = std::max({start, at, f.start + f.length});
    }
    return start;
  }
  /// Iterations have got to cycle `at`: freezes before it are history.
  void passed(Cycle at) {
    while (!freezes_.empty() && freezes_.front().start <= at) freezes_.pop_front();
  }
  Cycle past_freezes(Cycle t) const {
    for (auto &f : freezes_)
      if (f.start <= t) t += f.length;
    return t;
  }
  void clear() { freezes_.clear(); }

private:
  struct Result {
    Cycle exit;
    Channel *channel;
  };
  struct Freeze {
    Cycle start, length;
  };
  std::deque<Result> results_; // ascending exits
  std::deque<Freeze> freezes_; // ascending, later than the current iteration's start
};

} // namespace hlssim
