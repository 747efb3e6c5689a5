/* null - the least a FastCGI program can do: what a request costs before anybody does any work */
#include <fcgiapp.h>

int
main(void)
{
	FCGX_Request request;
	char piece[4096];

	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) == 0) {
		while (FCGX_GetStr(piece, sizeof(piece), request.in) > 0)
			continue;
		(void)FCGX_FPrintF(request.out, "Content-Type: application/json\r\n\r\n{}");
		FCGX_Finish_r(&request);
	}
	return 0;
}
