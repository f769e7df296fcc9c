// Runs coroutines one at a time until all wait: then either the root has ended, or it is a deadlock.
#pragma once
#include "process.h"
#include <algorithm>
#include <deque>
#include <exception>
#include <new>
#include <sys/mman.h>
#include <vector>

namespace hlssim {

class Scheduler {
public:
  Process *current() const { return current_; }

  /// Run `root` and all that it starts. True if the root ended.
  bool run(Process &root) {
    running() = this;
    start(root);
    next(main_); // returns when no process is ready, or from abandon()
    current_ = nullptr;
    return root.done;
  }
  void start(Process &p) {
    p.stack = stack();
    p.done = false;
    live_.push_back(&p);
    getcontext(&p.context);
    p.context.uc_stack.ss_sp = p.stack;
    p.context.uc_stack.ss_size = kStackBytes;
    p.context.uc_link = nullptr;
    makecontext(&p.context, &Scheduler::enter, 0);
    wake(p);
  }
  void wake(Process &p) {
    if (p.ready) return;
    p.ready = true;
    ready_.push_back(&p);
  }
  /// The current process stops here until something wakes it.
  void wait() { next(current_->context); }

  /// The stack of a process that has ended is free for another one.
  void retire(Process &p) {
    live_.erase(std::find(live_.begin(), live_.end(), &p));
    free_.push_back(p.stack);
  }
  /// Leave all coroutines where they stand and return from run().
  [[noreturn]] void abandon() {
    ready_.clear();
    setcontext(&main_);
    __builtin_unreachable();
  }
  const std::vector<Process *> &live() const { return live_; }

  /// What a process threw, if one did.
  const std::string &exception() const { return exception_; }

  /// After run(): give all stacks back. Their frames are not unwound.
  void clear() {
    for (auto *s : stacks_) munmap(s, kStackBytes);
    live_.clear(), free_.clear(), stacks_.clear(), ready_.clear();
  }
private:
  static constexpr std::size_t kStackBytes = std::size_t(8) << 20; // pages in use only

  static Scheduler *&running() { // makecontext passes no pointer
    static Scheduler *scheduler = nullptr;
    return scheduler;
  }
  static void enter() {
    Scheduler &s = *running();
    try {
      s.current_->body();
      s.current_->done = true;
    } catch (const std::exception &e) {
      s.exception_ = std::string("exception: ") + e.what();
    }
    if (!s.exception_.empty()) s.abandon();
    s.wait(); // for ever
  }
  void next(ucontext_t &from) {
    if (ready_.empty()) {
      if (&from != &main_) swapcontext(&from, &main_);
      return;
    }
    Process *p = ready_.front();
    ready_.pop_front();
    p->ready = false;
    current_ = p;
    if (&p->context != &from) swapcontext(&from, &p->context);
  }
  void *stack() {
    if (!free_.empty()) {
      void *s = free_.back();
      free_.pop_back();
      return s;
    }
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    void *s = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (s == MAP_FAILED) throw std::bad_alloc();
    stacks_.push_back(s);
    mprotect(s, 4096, PROT_NONE); // an overflow faults instead of corrupting
    return s;
  }

  ucontext_t main_{};
  Process *current_ = nullptr;
  std::deque<Process *> ready_;
  std::vector<Process *> live_;
  std::vector<void *> free_, stacks_;
  std::string exception_;
};

} // namespace hlssim
