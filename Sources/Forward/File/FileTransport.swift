internal import NIOCore
internal import NIOPosix
internal import OTLP
package import Settings
internal import Synchronization

/// Writes exports to a file. An export is written as a whole or not at all, except after a power failure.
package final class FileTransport: ExportTransport {
    private let destination: FileExporterSettings
    private let file = Mutex<OutputFile?>(nil)
    /// Whether the file was opened before: then it is appended to, whatever the settings say.
    private let wasOpened = Atomic(false)

    /// Opens nothing yet.
    package init(to destination: FileExporterSettings) { self.destination = destination }

    /// See `ExportTransport`.
    package func send(_ export: ForwardedExport) async -> SendOutcome {
        let bytes: ByteBuffer
        do throws(DecodingFailure) {
            bytes = try encoded(export)
        } catch {
            return .refused(Refusal("malformed", "the export is malformed"))
        }
        // Writing may block.
        let outcome = try? await NIOThreadPool.singleton.runIfActive { self.write(bytes) }
        return outcome ?? .failed("Odometer is stopping")
    }

    /// See `ExportTransport`.
    package func close() async { file.withLock { $0 = nil } }

    private func encoded(_ export: ForwardedExport) throws(DecodingFailure) -> ByteBuffer {
        switch destination.format {
        case .json:
            var line = try export.jsonBody()
            line.writeInteger(UInt8(ascii: "\n"))
            return line
        case .proto:
            let body = try export.protobufBody()
            guard let length = UInt32(exactly: body.readableBytes) else { throw .malformed("too long") }
            var message = ByteBuffer()
            message.writeInteger(length)
            message.writeImmutableBuffer(body)
            return message
        }
    }

    private func write(_ bytes: ByteBuffer) -> SendOutcome {
        file.withLock { file in
            do throws(FileFault) {
                if file == nil {
                    let goesOn =
                        destination.append || destination.rotation != nil || wasOpened.load(ordering: .relaxed)
                    file = try OutputFile(path: destination.path, appends: goesOn)
                    wasOpened.store(true, ordering: .relaxed)
                }
                if let rotation = destination.rotation, let open = file, open.size > 0,
                    open.size + bytes.readableBytes > rotation.maxMegabytes * 1_000_000
                {
                    file = nil
                    try OldFiles(of: destination.path).rotate(rotation)
                    file = try OutputFile(path: destination.path, appends: true)
                }
                try bytes.withUnsafeReadableBytes { bytes in
                    Result { () throws(FileFault) in try file?.write(bytes) }
                }.get()
                return .delivered(rejected: 0, message: "")
            } catch {
                file = nil
                return .failed(SendFailure(error.description, isUnreachable: true))
            }
        }
    }
}
