// The state of one run of the top function: accounts, failure, scheduler. One run at a time.
#pragma once
#include "scheduler.h"
#include <memory>
#include <stdexcept>

namespace hlssim {

/// What a FIFO held and how long it kept its ends waiting; kept by name.
struct FifoAccount {
  std::string name;
  int depth = 0, high_water = 0;
  std::int64_t tokens = 0;
};

/// A pipelined loop of the source, with the numbers it ran under.
struct Site {
  std::string label; // function.label
  int source_ii, source_depth;
  enum Style { kDefault, kStalling, kFlushing } source_style;

  int ii = 1, depth = 1;
  bool stalling = true;
  std::int64_t iterations = 0, in_progress = 0; // cycles from first to last iteration, summed
  int run = -1; // in which the numbers were looked up

  Site(const char *label, int ii, int depth, Style style);
};

/// A run of a pipelined loop: the cycles of its first and last iteration, and that in which its last
/// result had left.
struct Span {
  const ProcessAccount *process;
  const Site *site;
  Cycle first, last, end;
};

/// What stopped a run. `kind` is one word that tests can rely on.
struct Failure {
  std::string kind, text;
  struct Blocked {
    std::string process, direction, fifo;
    Cycle cycle;
    int frozen; // results that a stalling pipeline holds back
    std::string note;
  };
  std::vector<Blocked> blocked;
};

class Simulation {
public:
  static Simulation &get() {
    static Simulation *simulation = new Simulation; // outlives static streams
    return *simulation;
  }
  static Process &process() {
    Process *p = get().scheduler.current();
    if (!p) throw std::logic_error("a stream is used outside of the top function");
    return *p;
  }

  Settings settings;
  Timing timing;
  Scheduler scheduler;
  Failure failure;
  bool running = false;
  bool abandoned = false; // a run was stopped and its stacks are gone
  int run = 0;
  Cycle cycles = 0;
  std::int64_t iterations = 0; // of all pipelined loops
  std::int64_t beats_read = 0, beats_written = 0; // of memory
  std::vector<Site *> sites;
  Channel *channels = nullptr; // all live ones
  ProcessAccount top; // of the top function itself: an empty name
  std::vector<std::unique_ptr<ProcessAccount>> processes;
  std::vector<std::unique_ptr<FifoAccount>> fifos;
  std::vector<Span> spans; // of loops with an iteration, in the order of their ends in a process

  bool failed() const { return !failure.kind.empty(); }

  /// Record the first failure; the run goes on.
  void note(const std::string &kind, const std::string &text) {
    if (!failed()) failure.kind = kind, failure.text = text;
  }
  /// Record a failure and stop the run here.
  [[noreturn]] void fail(const std::string &kind, const std::string &text) {
    note(kind, text);
    cycles = scheduler.current()->now;
    scheduler.abandon();
  }
  /// The account of this name in `accounts`, made when it is new.
  template <class Account>
  static Account &account(std::vector<std::unique_ptr<Account>> &accounts, const std::string &name) {
    for (auto &a : accounts)
      if (a->name == name) return *a;
    accounts.emplace_back(new Account);
    accounts.back()->name = name;
    return *accounts.back();
  }
  /// "parent/name"; the root's own name is left out.
  static std::string path(const Process &parent, const std::string &name) {
    const std::string &prefix = parent.account->name;
    return prefix.empty() ? name : prefix + "/" + name;
  }
};

inline Site::Site(const char *label_, int ii_, int depth_, Style style_)
    : label(label_), source_ii(ii_), source_depth(depth_), source_style(style_) {
  Simulation::get().sites.push_back(this);
}

} // namespace hlssim
