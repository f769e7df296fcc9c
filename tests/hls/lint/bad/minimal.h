// What the bad files share.
#pragma once
#include <cstdint>
#include <hls_stream.h>
#include <hls_vector.h>
using stream_t = hls::stream<int32_t>;
