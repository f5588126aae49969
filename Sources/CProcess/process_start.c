#include "process_start.h"

#include <signal.h>
#include <stddef.h>

static int count;
static char **arguments;

/* glibc and dyld call constructors with what main gets; musl does not. */
__attribute__((constructor)) static void note_start(int argc, char **argv, char **environment) {
    (void)environment;
    static const int meaningless[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO};
    for (size_t index = 0; index < sizeof meaningless / sizeof *meaningless; index++) signal(meaningless[index], SIG_IGN);
#ifdef SIGRTMIN
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) signal(number, SIG_IGN);
#endif
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
