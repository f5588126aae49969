#include "process_start.h"

#include <signal.h>
#include <stddef.h>

static int count;
static char **arguments;

/* glibc and dyld call constructors with what main gets; musl does not. */
__attribute__((constructor)) static void note_start(int argc, char **argv, char **environment) {
    (void)environment;
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
#if defined(__GLIBC__) || defined(__APPLE__)
    count = argc;
    arguments = argv;
#else
    (void)argc;
    (void)argv;
#endif
}

int started_argument_count(void) { return arguments == NULL || count < 0 ? 0 : count; }

const char *started_argument(int number) {
    return number < 0 || number >= started_argument_count() ? NULL : arguments[number];
}
