#ifndef ODOMETER_PROCESS_START_H
#define ODOMETER_PROCESS_START_H

/* What the process was started with, noted before anything of Swift runs. Swift's runtime finds the arguments beside the
   environment, which is gone from there once anybody has changed it.

   From the same moment on the signals that say nothing about this program's end (SIGUSR1, SIGUSR2, timers, input and
   output, real-time signals) are ignored, so that none ends a program that is not ready for it, or not any more. */

/* How many arguments there are, the name of the program included; 0 where the C library does not tell. */
int started_argument_count(void);

/* One of them; NULL beyond the last. */
const char *started_argument(int number);

#endif
