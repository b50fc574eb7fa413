// A handler in JavaScript's interpreter, QuickJS: as large a program in C as a
// plugin of the usual kind is. It answers whether 1 + 1 is 2.
#include "quickjs.h"

__attribute__((export_name("handle"))) int handle(int conn) {
	JSRuntime *runtime = JS_NewRuntime();
	JSContext *context = JS_NewContext(runtime);
	JSValue value = JS_Eval(context, "1 + 1", 5, "sum", JS_EVAL_TYPE_GLOBAL);
	int sum = 0;
	JS_ToInt32(context, &sum, value);
	JS_FreeContext(context);
	JS_FreeRuntime(runtime);
	return sum == 2 ? 0 : 1;
}
