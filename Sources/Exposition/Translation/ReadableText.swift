extension Collection<UInt8> {
    /// The text with U+FFFD for each NUL, used for names and the labels of exemplars: Prometheus' lexers skip a NUL in
    /// HELP and in the labels of series, and anywhere else treat it as the end of the page, which they refuse.
    func withoutNUL() -> [UInt8] {
        contains(0) ? flatMap { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] } : Array(self)
    }
}
