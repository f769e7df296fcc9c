// How a run begins, what a deadlock says, and the report as JSON text.
#pragma once
#include "pipeline.h"
#include <cstdio>

namespace hlssim {

inline void begin_run(Simulation &s) {
  s.timing = Timing(s.settings);
  s.spans.clear(), s.processes.clear(), s.fifos.clear();
  s.cycles = s.beats_read = s.beats_written = 0; // iterations go on counting: static channels remember those of earlier runs
  s.running = true;
  ++s.run;
  for (Channel *c = s.channels; c; c = c->next()) c->restart();
}

/// No process can go on: say which wait for what.
inline void report_deadlock(Simulation &s) {
  std::string text;
  for (const Process *p : s.scheduler.live()) {
    const Wait &w = p->wait;
    if (p->done || w.kind == Wait::kNothing || w.kind == Wait::kChildren) continue;
    Failure::Blocked b;
    b.process = p->account->name;
    b.direction = w.kind == Wait::kRead ? "read" : w.kind == Wait::kWrite ? "write" : "start";
    b.fifo = w.kind == Wait::kStart ? "" : w.channel->name();
    b.cycle = p->now;
    b.frozen = w.kind == Wait::kRead ? static_cast<int>(p->pipeline->frozen()) : 0;
    text += (text.empty() ? "" : "; ") + b.process;
    if (w.kind == Wait::kStart)
      b.note = w.text, text += " waits for " + w.text;
    else
      text += (w.kind == Wait::kRead ? " reads empty " : " writes full ") + b.fifo;
    text += " at cycle " + std::to_string(b.cycle);
    if (w.kind == Wait::kRead && w.also) b.note = "results wait for full " + w.also->name();
    if (b.frozen)
      b.note = "stalling loop " + p->pipeline->site()->label + " holds back " +
               std::to_string(b.frozen) + " results";
    if (w.kind != Wait::kStart && !b.note.empty()) text += " (" + b.note + ")";
    s.failure.blocked.push_back(b);
    if (b.cycle > s.cycles) s.cycles = b.cycle;
  }
  s.note("deadlock", "deadlock: " + text);
}

namespace json {

inline std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return out + '"';
}
inline std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}
inline std::string key(const char *name) { return quoted(name) + ": "; }

/// [f(item), f(item), ...]
template <class Items, class F> std::string list(const Items &items, F f) {
  std::string out;
  for (const auto &item : items) out += (out.empty() ? "" : ", ") + f(item);
  return "[" + out + "]";
}

} // namespace json

inline std::string report(const Simulation &s) {
  using namespace json;
  const auto process = [](const std::unique_ptr<ProcessAccount> &p) {
    return "{" + key("name") + quoted(p->name) + ", " + key("starved") +
           std::to_string(p->starved) + ", " + key("back_pressured") +
           std::to_string(p->back_pressured) + ", " + key("memory") + std::to_string(p->memory) +
           ", " + key("ends") + list(p->ends, [](Cycle c) { return std::to_string(c); }) + "}";
  };
  const auto fifo = [](const std::unique_ptr<FifoAccount> &f) {
    return "{" + key("name") + quoted(f->name) + ", " + key("depth") + std::to_string(f->depth) +
           ", " + key("high_water") + std::to_string(f->high_water) + ", " + key("tokens") +
           std::to_string(f->tokens) + "}";
  };
  const auto loop = [&s](const Site *l) {
    const bool used = l->run == s.run;
    return "{" + key("label") + quoted(l->label) + ", " + key("ii") + std::to_string(l->ii) + ", " +
           key("depth") + std::to_string(l->depth) + ", " + key("stalling") +
           (l->stalling ? "true" : "false") + ", " + key("iterations") +
           std::to_string(used ? l->iterations : 0) + ", " + key("in_progress") +
           std::to_string(used ? l->in_progress : 0) + "}";
  };
  const auto blocked = [](const Failure::Blocked &b) {
    return "{" + key("process") + quoted(b.process) + ", " + key("direction") +
           quoted(b.direction) + ", " + key("fifo") + quoted(b.fifo) + ", " + key("cycle") +
           std::to_string(b.cycle) + ", " + key("frozen") + std::to_string(b.frozen) + ", " +
           key("note") + quoted(b.note) + "}";
  };
  const auto setting = [](const std::pair<const std::string, double> &e) {
    return "[" + quoted(e.first) + ", " + number(e.second) + "]";
  };
  return "{" + key("cycles") + std::to_string(s.cycles) + ", " + key("beats_read") +
         std::to_string(s.beats_read) + ", " + key("beats_written") +
         std::to_string(s.beats_written) + ", " + key("kind") +
         quoted(s.failure.kind) + ", " + key("why") + quoted(s.failure.text) + ", " +
         key("blocked") + list(s.failure.blocked, blocked) + ", " + key("processes") +
         list(s.processes, process) + ", " + key("fifos") + list(s.fifos, fifo) + ", " +
         key("loops") + list(s.sites, loop) + ", " + key("settings") +
         list(s.settings.all(), setting) + "}";
}

/// [process, function.label, first, last, end] of every run of a loop.
inline std::string spans(const Simulation &s) {
  return json::list(s.spans, [](const Span &a) {
    return "[" + json::quoted(a.process->name) + ", " + json::quoted(a.site->label) + ", " +
           std::to_string(a.first) + ", " + std::to_string(a.last) + ", " + std::to_string(a.end) +
           "]";
  });
}

} // namespace hlssim
