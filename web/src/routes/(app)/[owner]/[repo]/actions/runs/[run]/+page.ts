import { redirect } from "@sveltejs/kit";

// The address that workflows make of server_url, repository and run_id.
export const load = ({ params }) => redirect(307, `/runs/${params.run}`);
