import ConfigFile

/// Reads text as a configuration: it is valid, or every error has a position. No input may trap or hang.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYAML(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    do throws(ConfigFailure) {
        _ = try ConfigLoader.load(files: ["env:CONFIG"]) { name in
            switch name {
            case "CONFIG": text
            case "EMPTY": ""
            case "LIST": "[a, b]"
            default: nil
            }
        }
    } catch {
        precondition(!error.mistakes.isEmpty)
        for mistake in error.mistakes { precondition(!mistake.message.isEmpty) }
    }
    return 0
}
