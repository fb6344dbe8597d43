/** Papers of the store that name their donor in full: for who keeps it alone. */
const RECEIPT = /^RK-/;
/** Numbers of papers that a movement is recorded on: receipt, scrap, sale, sale undone. */
const NUMBERED = /^(RK|BF|BM|BC)-/;

export const movePaper = (lot: string, n: number): string => `/api/v1/goods/lots/${lot}/moves/${n}/paper`;
export const orderPaper = (dispatch: string): string => `/api/v1/goods/dispatches/${dispatch}/paper`;
export const handOverList = (dispatch: string): string => `/api/v1/goods/dispatches/${dispatch}/hand-over-list`;

/** Whether a movement has a paper of its own that this reader may open. */
export const opens = (paper: string, mayManage: boolean): boolean => NUMBERED.test(paper) && (mayManage || !RECEIPT.test(paper));
