// SPDX-License-Identifier: Apache-2.0
// Checks a command and works out what it reads, writes and calls.
#pragma once
#include "common/check_image.h"
#include "common/position.h"
#include "common/product.h"

constexpr uint32_t kMaxSequences = 65535, kMaxRefinements = 65535, kMaxLength = 65535;
constexpr uint64_t kMaxCalls = (uint64_t(1) << 31) - 1;
constexpr uint32_t kReportBeats = 1; // behind what a RUN's region writes

struct Registers { // numbered from 0 in this order, `in` and `out` included
  uint32_t command, sequences, refinements, state, in_beats, out_beats;
};
constexpr uint32_t kCommandRegister = 0, kSequencesRegister = 1, kRefinementsRegister = 2, kStateRegister = 3;

struct Work {
  uint32_t read, write; // beats of the region
  int32_t calls;        // of it, the last one reports
};

// The sequences of a RUN stand one after another, each behind a beat with its length.
inline Verdict check_sequences(const Registers &registers, const beat_t *in, const Shape &shape, const Order &order,
                               Work &work) {
  const uint32_t state = order.from == Start::kMemory ? shape.state_beats : 0;
  const uint32_t kept = order.keep ? shape.state_beats : 0;
  uint64_t read = 0, write = 0, calls = 1;
  Verdict verdict = {kDone, 0};
  check_lengths: for (uint32_t n = 0; n < registers.sequences && verdict.status == kDone; ++n) {
#pragma HLS LOOP_TRIPCOUNT min=1 max=1024
    const bool there = read < registers.in_beats;
    const beat_t header = there ? in[read] : beat_t(uint8_t(0));
    const uint32_t length = take_u32(header, 0);
    const bool reserved = take_u32(header, 4) != 0 || take_u32(header, 8) != 0 || take_u32(header, 12) != 0;
    const bool good = 1 <= length && length <= kMaxLength && !reserved;
    const sint<18> waves = good ? int32_t(length) + shape.longest_lag : 0;
    read += 1 + state + product<18, 18>(waves, shape.x_beats);
    write += product<18, 18>(waves, shape.h_beats) + kept;
    calls += product<18, 18>(waves + 1 + order.keep, shape.pairs);
    if (!there) verdict = {kShortInput, n};
    else if (!good || calls > kMaxCalls) verdict = {kBadLength, n};
    else if (read > registers.in_beats) verdict = {kShortInput, n};
  }
  if (verdict.status != kDone) return verdict;
  if (read != registers.in_beats) return {kShortInput, registers.sequences};
  if (write + kReportBeats > registers.out_beats) return {kShortOutput, 0};
  work = {uint32_t(read), uint32_t(write), int32_t(calls)};
  return verdict;
}

inline Verdict check_run(const Registers &registers, const beat_t *in, const Shape &shape, Order &order, Work &work) {
  if (registers.sequences < 1 || registers.sequences > kMaxSequences) return {kBadCommand, kSequencesRegister};
  if (registers.refinements < 1 || registers.refinements > kMaxRefinements) return {kBadCommand, kRefinementsRegister};
  const uint32_t from = registers.state & 3;
  const bool resident = from == uint32_t(Start::kResident);
  if (registers.state > 7 || from > 2 || (resident && registers.sequences != 1)) return {kBadCommand, kStateRegister};
  order = {Command::kRun, Start(from), (registers.state & 4) != 0, int32_t(registers.sequences),
           int32_t(registers.refinements)};
  return check_sequences(registers, in, shape, order, work);
}

inline Verdict check_command(const Registers &registers, const beat_t *in, Shape &shape, Order &order, Work &work) {
  if (registers.command >= uint32_t(Command::kCommands)) return {kBadCommand, kCommandRegister};
  const Command command = Command(registers.command);
  order = {command, Start::kZero, false, 1, 1};
  if (command == Command::kIdentify) return {kDone, 0};
  if (command == Command::kEcho) {
    work = {registers.in_beats, registers.in_beats, 0};
    return {registers.in_beats <= registers.out_beats ? kDone : kShortOutput, 0};
  }
  if (command == Command::kLoad) {
    work = {registers.in_beats, 0, 2};
    return check_image(in, registers.in_beats, shape);
  }
  if (!shape.loaded) return {kNotLoaded, 0};
  if (command == Command::kRun) return check_run(registers, in, shape, order, work);
  const uint32_t beats = shape.state_beats;
  const bool reads = command == Command::kStateWrite, writes = command == Command::kStateRead;
  if (reads && registers.in_beats != beats) return {kShortInput, 0};
  if (writes && registers.out_beats < beats) return {kShortOutput, 0};
  work = {reads ? beats : 0, writes ? beats : 0, shape.pairs + 1};
  return {kDone, 0};
}
