import NIOCore
import Server

extension HTTPListener {
    /// Closes the listener once `body` is done with it.
    func whileOpen(_ body: (HTTPListener) async throws -> Void) async throws {
        do {
            try await body(self)
        } catch {
            try await drain(until: .now()).get()
            throw error
        }
        try await drain(until: .now()).get()
    }
}
