package import Settings

/// The built-in rules for Claude Code's events. docs/events.md has them as a table; dashboards rely on the names.
extension EventRule {
    package static let builtIn: [EventRule] =
        everyEvent + prompts + requests + tools + agents + surroundings

    private static let everyEvent = [
        EventRule(
            event: nil, metric: "claude_code.events", description: "Events by name.",
            labels: ["event_name", "service", EventLabel("terminal_type", from: "terminal.type")])
    ]

    private static let prompts = [
        EventRule(
            event: "user_prompt", metric: "claude_code.user_prompts", description: "Prompts that users sent.",
            labels: ["user", "command_source"]),
        EventRule(
            event: "user_prompt", metric: "claude_code.prompt_length", unit: "characters",
            description: "How long prompts are.", kind: .histogram(bounds: lengths),
            values: [EventValue("prompt_length")]),
    ]

    private static let requests =
        [
            EventRule(
                event: "api_request", metric: "claude_code.api_requests",
                description: "Requests to the model that succeeded.",
                labels: ["model", "query_source", "speed", "effort", "user"]),
            EventRule(
                event: "api_request", metric: "claude_code.api_request.duration", unit: "s",
                description: "How long successful requests took, retries included.",
                kind: .histogram(bounds: requestSeconds),
                values: [milliseconds("duration_ms")], labels: ["model"]),
            EventRule(
                event: "api_request", metric: "claude_code.api_request.ttft", unit: "s",
                description: "Time to the first token.", kind: .histogram(bounds: requestSeconds),
                values: [milliseconds("ttft_ms")], labels: ["model"]),
            EventRule(
                event: "api_request", metric: "claude_code.api_request.cost", unit: "USD",
                description: "Cost of requests, estimated by the client.",
                values: [EventValue("cost_usd_micros", dividedBy: 1_000_000), EventValue("cost_usd")],
                labels: ["model", "user"]),
            EventRule(
                event: "api_error", metric: "claude_code.api_errors", description: "Requests that failed for good.",
                labels: ["model", "status_code"]),
            EventRule(
                event: "api_retries_exhausted", metric: "claude_code.api_retries_exhausted",
                description: "Requests given up after the last retry.", labels: ["model"]),
            EventRule(
                event: "api_refusal", metric: "claude_code.api_refusals",
                description: "Requests that the model refused.",
                labels: ["model"]),
        ] + tokens

    /// The metric has the types of `claude_code.token.usage`.
    private static let tokens = [
        ("input_tokens", "input"), ("output_tokens", "output"), ("cache_read_tokens", "cacheRead"),
        ("cache_creation_tokens", "cacheCreation"),
    ].map { attribute, type in
        EventRule(
            event: "api_request", metric: "claude_code.api_request.tokens", description: "Tokens of requests by type.",
            values: [EventValue(attribute)], labels: ["model", EventLabel("type", .constant(type)), "user"])
    }

    private static let tools = [
        EventRule(
            event: "tool_result", metric: "claude_code.tool_results", description: "Tools that ran, by success.",
            labels: ["tool_name", "success", "decision_source"]),
        EventRule(
            event: "tool_result", metric: "claude_code.tool.duration", unit: "s", description: "How long tools ran.",
            kind: .histogram(bounds: toolSeconds), values: [milliseconds("duration_ms")], labels: ["tool_name"]),
        EventRule(
            event: "tool_decision", metric: "claude_code.tool_decisions",
            description: "Decisions whether a tool may run, and who took them.",
            labels: ["tool_name", "decision", "source"]),
    ]

    private static let agents = [
        EventRule(
            event: "subagent_completed", metric: "claude_code.subagents_completed",
            description: "Subagents that came to their end.", labels: ["agent_type", "model"]),
        EventRule(
            event: "subagent_completed", metric: "claude_code.subagent.duration", unit: "s",
            description: "How long subagents worked.", kind: .histogram(bounds: taskSeconds),
            values: [milliseconds("duration_ms")], labels: ["agent_type", "model"]),
        EventRule(
            event: "compaction", metric: "claude_code.compactions", description: "Contexts that were compacted.",
            labels: ["trigger", "success"]),
        EventRule(
            event: "compaction", metric: "claude_code.compaction.duration", unit: "s",
            description: "How long compacting took.", kind: .histogram(bounds: taskSeconds),
            values: [milliseconds("duration_ms")], labels: ["trigger", "success"]),
        EventRule(
            event: "skill_activated", metric: "claude_code.skills_activated",
            description: "Skills that were activated.",
            labels: [EventLabel("skill_name", from: "skill.name"), "invocation_trigger"]),
    ]

    private static let surroundings = [
        EventRule(
            event: "mcp_server_connection", metric: "claude_code.mcp_connections",
            description: "Connections to MCP servers, by what became of them.", labels: ["status", "transport_type"]),
        EventRule(
            event: "hook_execution_complete", metric: "claude_code.hook_executions",
            description: "Hook events whose hooks have run.", labels: ["hook_event"]),
        EventRule(
            event: "hook_execution_complete", metric: "claude_code.hook_executions_blocked",
            description: "Hooks that blocked what they were asked about.", values: [EventValue("num_blocking")],
            labels: ["hook_event"]),
        EventRule(
            event: "permission_mode_changed", metric: "claude_code.permission_mode_changes",
            description: "Changes of the permission mode.", labels: ["from_mode", "to_mode", "trigger"]),
        EventRule(
            event: "auth", metric: "claude_code.auth", description: "Logins and logouts, by success.",
            labels: ["action", "success", "auth_method"]),
        EventRule(
            event: "internal_error", metric: "claude_code.internal_errors",
            description: "Faults within the client, by name.", labels: ["error_name"]),
    ]

    private static func milliseconds(_ attribute: String) -> EventValue { EventValue(attribute, dividedBy: 1000) }

    // Response times span four orders of magnitude, so each decade has three bounds.
    private static let requestSeconds: [Double] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600]
    private static let toolSeconds: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600,
    ]
    private static let taskSeconds: [Double] = [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600]
    private static let lengths: [Double] = [10, 30, 100, 300, 1000, 3000, 10000, 30000, 100_000]
}
