// The pipelined loop that a process is in: when iterations start, when their results leave.
//
// An iteration starts `ii` after the one before it or when all its tokens are there. All its reads
// take effect in that cycle, all its writes `depth` cycles later, together; the k-th access of one
// FIFO in an iteration k cycles later. A full FIFO freezes the whole pipeline. An empty one freezes
// a stalling pipeline (stp) with the results in flight; a flushing one (flp, frp) lets them leave.
#pragma once
#include "flight.h"

namespace hlssim {

class Pipeline {
public:
  bool active() const { return site_ != nullptr; }
  const Site *site() const { return site_; }
  /// Results that a stalling pipeline keeps while it waits.
  std::size_t frozen() const { return site_ && site_->stalling ? flight_.size() : 0; }

  void begin(Site &site, Process &p) {
    look_up(site);
    site_ = &site, p_ = &p;
    at_ = p.now + sim().timing.loop_entry;
    burst_ = at_ + sim().timing.memory_read;
    started_ = open_ = memory_written_ = known_ = false;
  }

  void iteration() {
    close();
    if (started_) at_ += site_->ii;
    started_ = open_ = true;
    issued_ = false;
    beats_read_ = beats_written_ = 0;
    serial_ = ++sim().iterations;
    ++site_->iterations;
    if (at_ > sim().timing.cycle_limit)
      sim().fail("limit", "loop " + site_->label + " passed the limit of cycles");
  }

  /// Wait for the oldest token of `c`; the iteration starts no earlier than it can be read.
  void read(Channel &c) {
    const int nth = access(c.nth_read(serial_), c.name());
    issue(&c, nth);
    reads_.push_back({nth, &c});
  }
  void write(Channel &c) { writes_.push_back({access(c.nth_write(serial_), c.name()), &c}); }

  /// A beat from memory: the first ones arrive a latency after the loop began, then one a cycle.
  void memory_read() {
    access(beats_read_++, "memory");
    check_memory_style();
    if (at_ >= burst_) return;
    if (!issued_) issue(nullptr, 0);
    if (at_ >= burst_) return;
    p_->account->memory += burst_ - at_;
    flight_.delay(burst_ - at_);
    at_ = burst_;
  }
  void memory_write() {
    access(beats_written_++, "memory");
    check_memory_style();
    memory_written_ = true;
  }

  void end() {
    close();
    while (!flight_.empty()) leave();
    if (started_) site_->in_progress += at_ + site_->ii - first_;
    Cycle finish = started_ ? flight_.past_freezes(at_ + site_->depth) : at_;
    if (started_) sim().spans.push_back({p_->account, site_, first_, at_, finish});
    if (memory_written_) {
      finish += sim().timing.memory_write;
      p_->account->memory += sim().timing.memory_write;
    }
    flight_.clear();
    p_->now = finish + sim().timing.loop_exit;
    site_ = nullptr;
  }

private:
  struct Access {
    int offset;
    Channel *channel;
  };
  static Simulation &sim() { return Simulation::get(); }

  static void look_up(Site &site) {
    if (site.run == sim().run) return;
    const Settings &s = sim().settings;
    const auto number = [&](const char *kind, double otherwise) {
      const std::string name = kind + site.label;
      return s.has(name) ? s.get(name) : otherwise;
    };
    const bool stalling = site.source_style == Site::kDefault
                              ? sim().timing.stalling_by_default
                              : site.source_style == Site::kStalling;
    site.run = sim().run;
    site.iterations = site.in_progress = 0;
    site.ii = static_cast<int>(number("ii:", site.source_ii));
    const double depth = number("depth:", site.source_depth) * sim().timing.depth_factor;
    site.depth = std::max(static_cast<int>(depth + 0.5), 1);
    site.stalling = number("stalling:", stalling) != 0;
    if (site.ii < 1) sim().fail("ii", "loop " + site.label + " has an II below 1");
  }
  /// `nth`, if an iteration has room for that many accesses before this one.
  int access(int nth, const std::string &what) {
    if (!open_) sim().fail("ii", "loop " + site_->label + ": access outside of an iteration");
    if (nth >= site_->ii)
      sim().fail("ii", "loop " + site_->label + ": more than " + std::to_string(site_->ii) +
                           " accesses of " + what + " in one iteration of that II");
    return nth;
  }
  /// Vitis makes no flushing pipeline of a loop that accesses memory.
  void check_memory_style() {
    if (site_->source_style == Site::kFlushing)
      sim().fail("style", "loop " + site_->label + " accesses memory and names a flushing style");
    site_->stalling = true;
  }

  /// The reads of the iteration give their slots back, its writes are in flight.
  void close() {
    if (!open_) return;
    if (!issued_) issue(nullptr, 0);
    if (!known_) first_ = at_, known_ = true;
    for (auto &r : reads_) r.channel->free(at_ + r.offset + 1);
    std::size_t sent = 0;
    for (int offset = 0; sent < writes_.size(); ++offset)
      for (auto &w : writes_)
        if (w.offset == offset) flight_.add(at_ + site_->depth + offset, w.channel), ++sent;
    reads_.clear(), writes_.clear();
    open_ = false;
  }

  /// Find the cycle of this iteration, with the next token of `c` if there is one to wait for.
  void issue(Channel *c, int offset) {
    const bool stalls = c && site_->stalling;
    for (;;) {
      const bool token = !c || c->has_token();
      const Cycle ready = c && token ? c->token_time() - offset : at_;
      Cycle at = at_, start = flight_.start(at, ready);
      // in a stalling pipeline the results of this very cycle leave only if it goes on
      const bool due = !flight_.empty() && (stalls ? flight_.exit() < at
                                                   : token && flight_.exit() <= start);
      if (due) {
        leave();
      } else if (!token) {
        Channel *full = nullptr;
        if (!stalls && !flight_.empty()) {
          full = flight_.leave(p_->account->back_pressured);
          if (!full) continue;
        }
        wait(Wait::kRead, c, full);
      } else {
        Cycle slot = start;
        Channel *full = stalls ? flight_.slots(at, slot) : nullptr;
        if (full) {
          wait(Wait::kWrite, full, nullptr);
          continue;
        }
        p_->account->starved += std::max<Cycle>(ready - at, 0);
        p_->account->back_pressured += slot - start;
        flight_.passed(slot);
        if (stalls) flight_.delay(slot - at);
        at_ = slot;
        issued_ = true;
        return;
      }
    }
  }
  void leave() {
    while (Channel *full = flight_.leave(p_->account->back_pressured))
      wait(Wait::kWrite, full, nullptr);
  }
  /// Stop until `c` has a token or a slot; or, with a token awaited, until `also` has a slot.
  void wait(Wait::Kind kind, Channel *c, Channel *also) {
    p_->wait.kind = kind;
    p_->wait.channel = c, p_->wait.also = also;
    p_->now = at_;
    Process *&end = kind == Wait::kRead ? c->reader_ : c->writer_;
    end = p_;
    if (also) also->writer_ = p_;
    sim().scheduler.wait();
    end = nullptr;
    if (also) also->writer_ = nullptr;
    p_->wait.kind = Wait::kNothing;
  }

  Site *site_ = nullptr;
  Process *p_ = nullptr;
  Cycle at_ = 0, burst_ = 0, first_ = 0; // start of the iteration, of the first beat, of the first iteration
  bool started_ = false, open_ = false, issued_ = false, memory_written_ = false, known_ = false;
  int beats_read_ = 0, beats_written_ = 0;
  std::int64_t serial_ = 0;
  std::vector<Access> reads_, writes_;
  Flight flight_;
};

} // namespace hlssim
