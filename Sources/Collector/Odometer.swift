internal import ArgumentParser

@main
struct Odometer: ParsableCommand {
    func run() throws {}
}
