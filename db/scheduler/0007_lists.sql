-- A list by state, agent or workflow is found by its index, however long the history and the queue are.
create index jobs_by_state on jobs (state, id) where state <> 'finished';
create index jobs_of_agent on jobs (agent_id, id) where agent_id <> '';
create index runs_of_workflow on runs (project_id, workflow, id);
-- Who asks for jobs that have not ended asks for one state of them.
drop index jobs_active;
