internal import COTLP

extension [UInt8] {
    /// The message in protobuf's wire format.
    init(packing message: UnsafePointer<ProtobufCMessage>) {
        let size = protobuf_c_message_get_packed_size(message)
        self.init(unsafeUninitializedCapacity: size) { bytes, count in
            count = bytes.baseAddress.map { protobuf_c_message_pack(message, $0) } ?? 0
        }
    }
}

extension String {
    /// The string for protobuf-c. It declares its strings mutable but only reads them while packing.
    func withMutableCString<Result>(_ body: (UnsafeMutablePointer<CChar>) -> Result) -> Result {
        withCString { body(UnsafeMutablePointer(mutating: $0)) }
    }
}
