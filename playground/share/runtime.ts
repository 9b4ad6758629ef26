/** The version of Signalbox that this page runs, which links and copies name. */
export const runtime = "0.1.0"
