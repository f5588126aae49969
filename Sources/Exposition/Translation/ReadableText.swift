extension Collection<UInt8> {
    /// The text with U+FFFD for each NUL. Names and the labels of exemplars are shown like this: Prometheus' lexers skip
    /// a NUL in HELP and in the labels of series, and everywhere else take it for the end of the page, and refuse that.
    func withoutNUL() -> [UInt8] {
        contains(0) ? flatMap { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] } : Array(self)
    }
}
