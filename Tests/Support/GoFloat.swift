/// Numbers of a page.
enum GoFloat {
    /// What Go's ParseFloat reads and an exporter writes: no hexadecimal, no spaces, infinities with a sign. Nil for
    /// anything else.
    static func number(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "+Inf": .infinity
        case "-Inf": -.infinity
        default: text.utf8.allSatisfy { "0123456789+-.e".utf8.contains($0) } ? Double(text) : nil
        }
    }
}
