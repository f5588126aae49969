/* SwiftPM names the entry point of an executable after its target; libFuzzer's own `main` is not used then. */
int FuzzExport_main(int argc, char **argv);
int FuzzJSON_main(int argc, char **argv);
int FuzzPages_main(int argc, char **argv);
int FuzzForward_main(int argc, char **argv);
int FuzzHTTP_main(int argc, char **argv);
int FuzzHTTP2_main(int argc, char **argv);
int FuzzYAML_main(int argc, char **argv);
