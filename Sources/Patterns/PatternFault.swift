/// Why a pattern is refused: one clause that names the place.
package struct PatternFault: Error, Equatable, CustomStringConvertible {
    package let description: String
}
