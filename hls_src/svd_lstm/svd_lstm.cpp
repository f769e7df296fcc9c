// The SVD accelerator: several LSTMs at once, whose weights are rank-1 components that they share (Ribes et al. 2020).
// Checks a command first; then memory goes in, the waves run, memory comes out. docs/accelerator.md
#include "svd_lstm/svd_lstm.h"
#include "svd_lstm/check_image.h"
#include "svd_lstm/check_run.h"
#include "svd_lstm/waves.h"

constexpr int kMemoryDepth = 64;

static void read_memory(const beat_t *in, uint32_t beats, hls::stream<beat_t> &memory) {
  read_beats: for (uint32_t n = 0; n < beats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    memory.write(in[n]);
  }
}

static void write_memory(hls::stream<beat_t> &beats, uint32_t count, hls::stream<Report> &reports, beat_t *out,
                         Report *report) {
  write_beats: for (uint32_t n = 0; n < count; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    out[n] = beats.read();
  }
  *report = reports.read();
}

static void execute(uint32_t read, uint32_t write, int32_t calls, const Order order, const beat_t *in, beat_t *out,
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

static void echo(const beat_t *in, uint32_t beats, beat_t *out) {
  echo_beats: for (uint32_t n = 0; n < beats; ++n) {
#pragma HLS PIPELINE II=1
#pragma HLS LOOP_TRIPCOUNT min=1 max=65536
    out[n] = in[n];
  }
}

// A host that finds the run it waits for needs no register for the counts.
static beat_t report_beat(uint32_t run, const Report &report) {
#pragma HLS INLINE
  beat_t beat = beat_t(uint8_t(0));
  put<4>(beat, 0, run);
  put<4>(beat, 4, report.clipped_p);
  put<4>(beat, 8, report.clipped_pre);
  put<4>(beat, 12, report.clipped_c);
  return beat;
}

void svd_lstm(uint32_t command, uint32_t sequences, uint32_t refinements, uint32_t state, const beat_t *in,
              uint32_t in_beats, beat_t *out, uint32_t out_beats, uint32_t *status, uint32_t *detail, uint32_t *magic,
              uint32_t *version, uint32_t *hash_low, uint32_t *hash_high, uint32_t *steps, uint32_t *u_words,
              uint32_t *v_words, uint32_t *clipped_p, uint32_t *clipped_pre, uint32_t *clipped_c, uint32_t *written) {
#pragma HLS INTERFACE m_axi port=in bundle=gmem0 offset=slave depth=65536
#pragma HLS INTERFACE m_axi port=out bundle=gmem1 offset=slave depth=65536
#pragma HLS INTERFACE s_axilite port=command
#pragma HLS INTERFACE s_axilite port=sequences
#pragma HLS INTERFACE s_axilite port=refinements
#pragma HLS INTERFACE s_axilite port=state
#pragma HLS INTERFACE s_axilite port=in
#pragma HLS INTERFACE s_axilite port=in_beats
#pragma HLS INTERFACE s_axilite port=out
#pragma HLS INTERFACE s_axilite port=out_beats
#pragma HLS INTERFACE s_axilite port=status
#pragma HLS INTERFACE s_axilite port=detail
#pragma HLS INTERFACE s_axilite port=magic
#pragma HLS INTERFACE s_axilite port=version
#pragma HLS INTERFACE s_axilite port=hash_low
#pragma HLS INTERFACE s_axilite port=hash_high
#pragma HLS INTERFACE s_axilite port=steps
#pragma HLS INTERFACE s_axilite port=u_words
#pragma HLS INTERFACE s_axilite port=v_words
#pragma HLS INTERFACE s_axilite port=clipped_p
#pragma HLS INTERFACE s_axilite port=clipped_pre
#pragma HLS INTERFACE s_axilite port=clipped_c
#pragma HLS INTERFACE s_axilite port=written
#pragma HLS INTERFACE s_axilite port=return
  static Shape shape = {}; // a reset asks for an image again
#pragma HLS RESET variable=shape
  static uint32_t runs = 0; // that were done since a reset
#pragma HLS RESET variable=runs
  const Registers registers = {command, sequences, refinements, state, in_beats, out_beats};
  Order order = {};
  Work work = {};
  Report report = {};
  const Verdict verdict = check_command(registers, in, shape, order, work);
  if (verdict.status == kDone) {
    if (order.command == Command::kEcho) echo(in, in_beats, out);
    else if (work.calls > 0) execute(work.read, work.write, work.calls, order, in, out, &report);
  }
  const bool ran = verdict.status == kDone && order.command == Command::kRun;
  if (ran) {
    runs += 1;
    out[work.write] = report_beat(runs, report);
  }
  *status = verdict.status;
  *detail = verdict.detail;
  *magic = design::kMagic;
  *version = design::kVersion;
  *hash_low = uint32_t(design::kDesignHash);
  *hash_high = uint32_t(design::kDesignHash >> 32);
  const Report shown = ran ? report : Report{0, 0, 0, 0, 0, 0};
  *steps = shown.steps;
  *u_words = shown.u_words;
  *v_words = shown.v_words;
  *clipped_p = shown.clipped_p;
  *clipped_pre = shown.clipped_pre;
  *clipped_c = shown.clipped_c;
  *written = verdict.status == kDone ? work.write + (ran ? kReportBeats : 0) : 0;
}
