/* routes_badges.h - the rows of routes.h that others than our own pages show: badges and feeds. */

#ifndef OPENCICD_GATEWAY_ROUTES_BADGES_H
#define OPENCICD_GATEWAY_ROUTES_BADGES_H

#define BADGE_HANDLERS(H)                           \
    H (badge_show, NULL, SVG_TYPE, "branch", PLAIN) \
    H (atom_show, NULL, ATOM_TYPE, NULL, PLAIN)

#define BADGE_ROUTES(R)                                                                            \
    R (GET, "/projects/{project}/badge.svg", run_list, MAY_READ, 0, 200, badge_show,               \
       "how a workflow last ended on a branch, as a picture; the default branch if none is named") \
    R (GET, "/projects/{project}/runs.atom", run_list, MAY_READ, 0, 200, atom_show,                \
       "the project's runs, latest first, as an Atom feed")

#endif
