// A process of the simulation: a coroutine with its own clock and its own account.
#pragma once
#include "settings.h"
#include <functional>
#include <string>
#include <ucontext.h>
#include <vector>

namespace hlssim {

class Channel;

/// What a process did in a run; kept by name, so calls of one process add up.
struct ProcessAccount {
  std::string name;
  Cycle starved = 0, back_pressured = 0, memory = 0;
  std::vector<Cycle> ends; // of its calls
};

/// Why a process cannot go on.
struct Wait {
  enum Kind { kNothing, kRead, kWrite, kStart, kChildren } kind = kNothing;
  const Channel *channel = nullptr; // read or written
  const Channel *also = nullptr;    // full, while the read of `channel` waits as well
  std::string text;                 // for kStart
};

struct Process {
  ProcessAccount *account = nullptr;
  Cycle now = 0; // outside pipelined loops
  class Pipeline *pipeline = nullptr;
  Wait wait;
  bool ready = false, done = false;

  std::function<void()> body;
  ucontext_t context{};
  void *stack = nullptr;
};

} // namespace hlssim
