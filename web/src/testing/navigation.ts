/** Stands in for the router in unit tests, where there is no address bar. */
export const goto = async (): Promise<void> => {};
