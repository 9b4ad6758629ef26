/**
 * Handlers that tell others: Slack, and any web server.
 *
 * @module
 */
export * as Notification from "./Notification.ts"
export * as Slack from "./Slack.ts"
export * as Webhook from "./Webhook.ts"
