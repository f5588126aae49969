#ifndef ODOMETER_PROCESS_START_H
#define ODOMETER_PROCESS_START_H

/* What the process was started with, noted before anything of Swift runs. Swift's runtime finds the arguments beside the
   environment, which is gone from there once anybody has changed it.

   From the same moment on the signals that one process sends another to be looked at (SIGUSR1, SIGUSR2) are ignored, so
   that none ends a program that is not ready for it, or not any more. */

/* How many arguments there are, the name of the program included; 0 where the C library does not tell. */
int started_argument_count(void);

/* One of them; NULL beyond the last. */
const char *started_argument(int number);

#endif
