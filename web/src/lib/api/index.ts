/* index.ts - the API as pages use it: one client, and the server's own names for what it answers. */

import { createApi } from "./client";
import { fetchEarly } from "./early";
import type { components } from "./schema";

export { answer, ApiError, each, rows } from "./client";

export const api = createApi({ fetch: fetchEarly });

type Schemas = components["schemas"];
/** As the server prints them: every field is there. */
type Whole<T> = T extends (infer Row)[]
    ? Whole<Row>[]
    : T extends object
      ? { [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
      : T;

export type Run = Whole<Schemas["run"]>;
export type Job = Whole<Schemas["job"]>;
export type Step = Whole<Schemas["step_row"]>;
export type Attempt = Whole<Schemas["attempt"]>;
export type Project = Whole<Schemas["project"]>;
export type Agent = Whole<Schemas["agent"]>;
export type Overview = Whole<Schemas["overview"]>;
export type Event = Whole<Schemas["event"]>;
export type EventType = Schemas["event_type"];
export type Failure = Whole<Schemas["failure"]>;
export type FailureDigest = Whole<Schemas["failure_digest"]>;
export type Annotation = Whole<Schemas["annotation"]>;
export type Artifact = Whole<Schemas["artifact"]>;
export type Token = Whole<Schemas["token"]>;
export type AuditEntry = Whole<Schemas["audit_entry"]>;
export type RetentionItem = Whole<Schemas["retention_item"]>;
export type User = Whole<Schemas["user"]>;
export type Invitation = Whole<Schemas["invitation"]>;
export type LinkedIdentity = Whole<Schemas["linked_identity"]>;
export type ProviderOffer = Whole<Schemas["provider_offer"]>;
export type TotpSecret = Whole<Schemas["totp_secret"]>;
export type SignedIn = Whole<Schemas["signed_in"]>;
export type Secret = Whole<Schemas["secret"]>;
export type Variable = Whole<Schemas["variable"]>;
export type Environment = Whole<Schemas["environment"]>;
export type Deployment = Whole<Schemas["deployment"]>;
export type TestResults = Whole<Schemas["test_results"]>;
export type TestResult = Whole<Schemas["test_result"]>;
export type RoleRow = Whole<Schemas["role_row"]>;
export type Session = Whole<Schemas["session"]>;
export type WorkflowFile = Whole<Schemas["workflow_file"]>;
export type LintReport = Whole<Schemas["lint_report"]>;
export type LogInfo = Whole<Schemas["log_info"]>;
export type QueueSet = Whole<Schemas["queue_set"]>;
export type QueueJob = Whole<Schemas["queue_job"]>;
export type Insights = Whole<Schemas["insights"]>;
export type PlanJob = Whole<Schemas["plan_job"]>;
export type ArtifactFile = Whole<Schemas["artifact_file"]>;
export type Cache = Whole<Schemas["cache"]>;
export type CachePage = Whole<Schemas["cache_page"]>;
export type CacheRemoved = Whole<Schemas["cache_removed"]>;
export type ArtifactFiles = Whole<Schemas["artifact_file_page"]>;
