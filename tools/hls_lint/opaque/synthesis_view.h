// Included before a source: the open ap_types headers refuse __SYNTHESIS__, so they come first, and what
// follows is read as Vitis reads it.
#pragma once
#if !defined(HLS_NATIVE) && __has_include(<ap_int.h>)
#include <ap_int.h>
#endif
#define __SYNTHESIS__ 1
