/* SPDX-License-Identifier: Apache-2.0 */
/* Interface of the register access in C; access_build.py declares it to cffi: fixed-width types, no macros. */
#ifndef PYNQ_LSTM_ACCESS_H
#define PYNQ_LSTM_ACCESS_H

#include <stdint.h>

/* The word at `index` of a mapped register space. */
uint32_t access_read(const volatile uint32_t *words, uint32_t index);

/* Memory that was written before is seen by the device before `value`. */
void access_write(volatile uint32_t *words, uint32_t index, uint32_t value);

/* Writes `value`, then reads the same word until a bit of `mask` is set or `nanoseconds` have passed;
 * at least once. Returns what it read last. */
uint32_t access_start_and_spin(volatile uint32_t *words, uint32_t index, uint32_t value,
                               uint32_t mask, int64_t nanoseconds);

#endif
