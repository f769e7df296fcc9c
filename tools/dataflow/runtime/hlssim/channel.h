// Bookkeeping of one bounded FIFO: when each token becomes readable, when each slot is free again.
//
// Tokens and slots are numbered from 0 in a run. Token k takes slot k modulo depth, so it needs the
// read number k - depth to have freed it.
#pragma once
#include "simulation.h"

namespace hlssim {

class Channel {
public:
  explicit Channel(const char *name) : name_(name), next_(Simulation::get().channels) {
    Simulation::get().channels = this;
    link_ = &Simulation::get().channels;
    if (next_) next_->link_ = &next_;
    resize(2);
  }
  Channel(const Channel &) = delete;
  Channel &operator=(const Channel &) = delete;
  ~Channel() {
    if (Simulation::get().abandoned) return; // neighbours may be gone with their stacks
    check_empty();
    finish();
    *link_ = next_;
    if (next_) next_->link_ = link_;
  }

  /// Name and depth as the source declares them; a setting "fifo:name" overrides the depth.
  void declare(const std::string &name, int depth) {
    Simulation &s = Simulation::get();
    const std::string path = Simulation::path(Simulation::process(), name);
    const std::string key = "fifo:" + name;
    if (s.settings.has(key)) depth = static_cast<int>(s.settings.cycles(key));
    if (depth < 1) s.fail("depth", "FIFO " + path + " has depth " + std::to_string(depth));
    if (staged_ != popped_) return; // a static one that holds tokens
    name_ = path;
    resize(depth);
  }
  const std::string &name() const { return name_; }
  int depth() const { return depth_; }
  Channel *next() const { return next_; }

  // --- reader -----------------------------------------------------------------------------------
  bool has_token() const { return written_ > popped_; }
  Cycle token_time() const { return ready_[popped_ & mask_]; }
  void pop() { ++popped_; }
  /// The slot of the oldest token that was read is free from cycle `at`.
  void free(Cycle at) {
    merge(); // what this free's place in the ring may hold
    free_[freed_++ & mask_] = at;
    wake(writer_);
  }

  // --- writer -----------------------------------------------------------------------------------
  void stage() { ++staged_; }
  bool has_slot() const { return written_ - freed_ < depth_; }
  Cycle slot_time() const { return written_ < depth_ ? 0 : free_[(written_ - depth_) & mask_]; }
  /// The oldest staged token enters in cycle `at` and is readable from the next one.
  void commit(Cycle at) {
    put_[written_ & mask_] = at;
    ready_[written_++ & mask_] = at + 1;
    wake(reader_);
  }

  // --- ends -------------------------------------------------------------------------------------
  Process *reader_ = nullptr, *writer_ = nullptr; // waiting ones

  void claim_reader(const Process &p) { claim(reading_, p, "readers"); }
  void claim_writer(const Process &p) { claim(writing_, p, "writers"); }
  /// How many accesses of this end the current iteration `serial` has made before this one.
  int nth_read(std::int64_t serial) { return nth(read_serial_, reads_, serial); }
  int nth_write(std::int64_t serial) { return nth(write_serial_, writes_, serial); }

  /// Start of a run: no tokens, cycle 0.
  void restart() {
    staged_ = written_ = popped_ = freed_ = counted_ = merged_ = 0;
    reading_ = writing_ = nullptr;
    reader_ = writer_ = nullptr;
    high_water_ = 0;
  }
  void check_empty() const {
    Simulation &s = Simulation::get();
    if (!s.running || staged_ == popped_) return;
    s.note("leftover", "FIFO " + name_ + ": " + std::to_string(staged_ - popped_) +
                           " tokens left over");
  }
  /// Put what this FIFO did into its account.
  void finish() {
    Simulation &s = Simulation::get();
    if (!s.running || !staged_) return;
    merge();
    while (counted_ < written_) count();
    FifoAccount &a = Simulation::account(s.fifos, name_);
    a.depth = static_cast<int>(depth_);
    a.tokens += written_;
    if (high_water_ > a.high_water) a.high_water = high_water_;
  }

protected:
  std::int64_t staged_ = 0, written_ = 0, popped_ = 0;

private:
  void resize(int depth) {
    depth_ = depth;
    std::int64_t size = 1;
    while (size < depth) size *= 2;
    mask_ = size - 1;
    ready_.assign(size, 0), put_.assign(size, 0), free_.assign(size, 0);
  }
  /// High water needs writes and frees in the order of their cycles, not of the simulation.
  void merge() {
    while (counted_ < written_ && merged_ < freed_)
      if (put_[counted_ & mask_] < free_[merged_ & mask_])
        count();
      else
        ++merged_;
  }
  void count() {
    const int held = static_cast<int>(++counted_ - merged_);
    if (held > high_water_) high_water_ = held;
  }
  void wake(Process *p) {
    if (p) Simulation::get().scheduler.wake(*p);
  }
  void claim(const ProcessAccount *&owner, const Process &p, const char *what) {
    if (owner == p.account) return;
    if (owner)
      Simulation::get().fail("ends", "FIFO " + name_ + " has two " + what + ": " + owner->name +
                                         " and " + p.account->name);
    owner = p.account;
  }
  static int nth(std::int64_t &last, int &count, std::int64_t serial) {
    if (last != serial) last = serial, count = 0;
    return count++;
  }

  std::string name_;
  Channel *next_, **link_;
  std::int64_t depth_ = 2, mask_ = 1, freed_ = 0, counted_ = 0, merged_ = 0;
  std::vector<Cycle> ready_, put_, free_;
  const ProcessAccount *reading_ = nullptr, *writing_ = nullptr;
  std::int64_t read_serial_ = -1, write_serial_ = -1;
  int reads_ = 0, writes_ = 0, high_water_ = 0;
};

} // namespace hlssim
