// The C functions of an instrumented kernel's shared library.
#pragma once
#include "report.h"

extern "C" {
/// The last run as JSON text, valid until the next call.
__attribute__((used)) inline const char *hlssim_report() {
  static std::string *text = new std::string;
  *text = hlssim::report(hlssim::Simulation::get());
  return text->c_str();
}
/// The loops of the last run as JSON text, valid until the next call.
__attribute__((used)) inline const char *hlssim_spans() {
  static std::string *text = new std::string;
  *text = hlssim::spans(hlssim::Simulation::get());
  return text->c_str();
}
/// 1 if a run failed; further runs of this copy of the library do nothing.
__attribute__((used)) inline int hlssim_failed() { return hlssim::Simulation::get().failed(); }
/// Override an assumed number for the runs that follow.
__attribute__((used)) inline void hlssim_set(const char *name, double value) {
  hlssim::Simulation::get().settings.set(name, value);
}
}
