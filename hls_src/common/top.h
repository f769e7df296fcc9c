// SPDX-License-Identifier: Apache-2.0
// The top of every kernel below its ports: checks a command first; then memory goes in, the waves run, memory comes
// out. `waves` is the engine's; its header stands before this one.
#pragma once
#include "common/check_image.h"
#include "common/check_run.h"

struct Results { // registers, in their order
  uint32_t status, detail, steps, u_words, v_words, clipped_p, clipped_pre, clipped_c, written;
};

constexpr int kMemoryDepth = 64;

inline void read_memory(const beat_t *in, uint32_t beats, hls::stream<beat_t> &memory) {
  read_beats: for (uint32_t n = 0; n < beats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    memory.write(in[n]);
  }
}

inline void write_memory(hls::stream<beat_t> &beats, uint32_t count, hls::stream<Report> &reports, beat_t *out,
                         Report *report) {
  write_beats: for (uint32_t n = 0; n < count; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    out[n] = beats.read();
  }
  *report = reports.read();
}

inline void execute(uint32_t read, uint32_t write, int32_t calls, const Order order, const beat_t *in, beat_t *out,
                    Report *report) {
#pragma HLS DATAFLOW
  hls::stream<beat_t> memory("memory"), beats("beats");
  hls::stream<Report> reports("reports");
#pragma HLS STREAM variable=memory depth=kMemoryDepth
#pragma HLS BIND_STORAGE variable=memory type=fifo impl=lutram
#pragma HLS STREAM variable=beats depth=kMemoryDepth
#pragma HLS BIND_STORAGE variable=beats type=fifo impl=lutram
  read_memory(in, read, memory);
  waves(calls, order, memory, beats, reports);
  write_memory(beats, write, reports, out, report);
}

inline void echo(const beat_t *in, uint32_t beats, beat_t *out) {
  echo_beats: for (uint32_t n = 0; n < beats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    out[n] = in[n];
  }
}

// A host that finds the run it waits for needs no register for the counts.
inline beat_t report_beat(uint32_t run, const Report &report) {
#pragma HLS INLINE
  beat_t beat = beat_t(uint8_t(0));
  put<4>(beat, 0, run);
  put<4>(beat, 4, report.clipped_p);
  put<4>(beat, 8, report.clipped_pre);
  put<4>(beat, 12, report.clipped_c);
  return beat;
}

// One command, from the check to the registers.
inline Results serve(const Registers &registers, const beat_t *in, beat_t *out) {
#pragma HLS INLINE
  static Shape shape = {}; // a reset asks for an image again
#pragma HLS RESET variable=shape
  static uint32_t runs = 0; // that were done since a reset
#pragma HLS RESET variable=runs
  Order order = {};
  Work work = {};
  Report report = {};
  const Verdict verdict = check_command(registers, in, shape, order, work);
  if (verdict.status == kDone) {
    if (order.command == Command::kEcho) echo(in, registers.in_beats, out);
    else if (work.calls > 0) execute(work.read, work.write, work.calls, order, in, out, &report);
  }
  const bool ran = verdict.status == kDone && order.command == Command::kRun;
  if (ran) {
    runs += 1;
    out[work.write] = report_beat(runs, report);
  }
  const Report shown = ran ? report : Report{0, 0, 0, 0, 0, 0};
  const uint32_t written = verdict.status == kDone ? work.write + (ran ? kReportBeats : 0) : 0;
  return {verdict.status,  verdict.detail,    shown.steps,     shown.u_words, shown.v_words,
          shown.clipped_p, shown.clipped_pre, shown.clipped_c, written};
}
