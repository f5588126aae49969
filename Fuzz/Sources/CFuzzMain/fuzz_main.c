#include "fuzz_main.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

static int run(int argc, char **argv) { return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput); }

int FuzzExport_main(int argc, char **argv) { return run(argc, argv); }
int FuzzJSON_main(int argc, char **argv) { return run(argc, argv); }
int FuzzPages_main(int argc, char **argv) { return run(argc, argv); }
int FuzzForward_main(int argc, char **argv) { return run(argc, argv); }
int FuzzHTTP_main(int argc, char **argv) { return run(argc, argv); }
int FuzzHTTP2_main(int argc, char **argv) { return run(argc, argv); }
int FuzzYAML_main(int argc, char **argv) { return run(argc, argv); }
