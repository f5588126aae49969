/* SwiftPM names the entry point of an executable after its target; libFuzzer's own `main` is not used then. */
int FuzzExport_main(int argc, char **argv);
int FuzzJSON_main(int argc, char **argv);
int FuzzPages_main(int argc, char **argv);
