// Assumed numbers of the model, by name, so that a caller can change any of them at run time.
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace hlssim {

using Cycle = std::int64_t;

/// Numbers by name: the defaults of timing.json, and overrides such as "depth:u_unit.words".
class Settings {
public:
  Settings()
      : values_{
#include "hlssim_defaults.inc"
        } {
  }
  void set(const std::string &name, double value) { values_[name] = value; }
  bool has(const std::string &name) const { return values_.count(name) != 0; }
  double get(const std::string &name) const { return values_.at(name); }
  Cycle cycles(const std::string &name) const { return static_cast<Cycle>(values_.at(name)); }
  const std::map<std::string, double> &all() const { return values_; }

private:
  std::map<std::string, double> values_;
};

/// What the inner loops of the simulation need of the settings, looked up once a run.
struct Timing {
  Cycle loop_entry = 0, loop_exit = 0, call_start = 0, start_propagation = 0;
  Cycle sequential_access = 0, sequential_iteration = 0, plain_iteration = 0, memory_read = 0, memory_write = 0, cycle_limit = 0;
  int start_fifo = 0;
  double depth_factor = 1;
  bool stalling_by_default = true, feedback_waits = false;

  Timing() = default;
  explicit Timing(const Settings &s)
      : loop_entry(s.cycles("loop_entry")), loop_exit(s.cycles("loop_exit")),
        call_start(s.cycles("call_start")), start_propagation(s.cycles("start_propagation")),
        sequential_access(s.cycles("sequential_access")),
        sequential_iteration(s.cycles("sequential_iteration")),
        plain_iteration(s.cycles("plain_iteration")), memory_read(s.cycles("memory_read")),
        memory_write(s.cycles("memory_write")), cycle_limit(s.cycles("cycle_limit")),
        start_fifo(static_cast<int>(s.get("start_fifo"))), depth_factor(s.get("depth_factor")),
        stalling_by_default(s.get("stalling_by_default") != 0),
        feedback_waits(s.get("feedback_waits") != 0) {}
};

} // namespace hlssim
