/* Everything Swift sees of this target; every header beside this one is listed. */
#include "metrics.pb-c.h"
#include "otlp_arena.h"
#include "responses.pb-c.h"
