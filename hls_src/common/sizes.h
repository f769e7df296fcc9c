// SPDX-License-Identifier: Apache-2.0
// Sizes that follow from a design. The end of config.h includes this, through the engine's image.h.
#pragma once
#include "common/beats.h"

constexpr int kParts = 2, kLanes = design::kLanes, kGates = 4;
constexpr int kUTile = design::kUTile, kVTile = design::kVTile;
constexpr int kJoined = kUTile / kVTile; // tiles of h that make one tile of x
static_assert(kUTile == kJoined * kVTile && kJoined <= 2, "one or two tiles of h make one tile of x");

constexpr int kActivationBytes = design::kActivationBits / 8;
constexpr int kXBeats = beats_of(kUTile * kActivationBytes);          // a tile of x of one lane
constexpr int kHBeats = beats_of(kLanes * kVTile * kActivationBytes); // a tile of h of all lanes
constexpr int kCBeats = beats_of(kLanes * kVTile * 2);
constexpr int kStateBeats = kHBeats + kCBeats;
constexpr int kBiasBeats = beats_of(kGates * kVTile * kLanes * 4);
