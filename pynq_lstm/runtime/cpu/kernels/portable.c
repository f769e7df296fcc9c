/* Plain C, for whatever has no kernel of its own. */
#define NAME(name) portable_##name
#define KERNEL_NAME "portable"
#include "lanes_portable.h"
#include "template.h"
