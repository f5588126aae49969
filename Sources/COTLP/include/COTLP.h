/* Everything Swift sees of this target; every header beside this one is listed. */
#include "client_model.pb-c.h"
#include "metrics.pb-c.h"
#include "otlp_arena.h"
