/// Why a pattern is not taken: one English clause that names the place.
package struct PatternFault: Error, Equatable, CustomStringConvertible {
    package let description: String
}
