/// Limits on the readers of one metrics page.
package struct PageLimits: SettingGroup {
    /// Readers at once; others wait for `pageWait`.
    package var maxPageReaders = 8
    /// How long a reader beyond `maxPageReaders` waits for its turn; then 503. 0: it does not wait.
    package var pageWait = Duration.seconds(1)
    /// Time for a reader to read the page; beyond it the connection is closed.
    package var pageTimeout = Duration.seconds(120)

    package init() {}

    package static let keys: [Key<PageLimits>] = [
        .count("max_page_readers", \.maxPageReaders, in: 1...10_000),
        .duration("page_wait", \.pageWait, atLeast: .zero),
        .duration("page_timeout", \.pageTimeout, atLeast: .seconds(1)),
    ]
}
