/* Everything that Swift sees of this target. */
#include "metrics.pb-c.h"
#include "otlp_arena.h"
