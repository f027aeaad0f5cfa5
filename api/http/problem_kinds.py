"""Every problem that the API can tell of: its code, its HTTP status, its words. Told by ``problems.py``.

Each code stands in ``docs/api.md``, by test.
"""

from typing import NamedTuple

from orchestrator.core.text import Text


class Kind(NamedTuple):
    """The HTTP status of a problem that stands alone, and the words for it."""

    status: int
    text: Text


PROBLEMS: dict[str, Kind] = {
    # Who are you?
    "missing_write_key": Kind(
        401,
        Text(
            "No write key. Send it as the user name of basic authentication, or as “writeKey” in the body.",
            "쓰기 키가 없습니다. 기본 인증의 사용자 이름 또는 본문의 “writeKey”로 보내세요.",
        ),
    ),
    "unknown_write_key": Kind(
        401, Text("This write key is not one of ours. Check it.", "등록되지 않은 쓰기 키입니다. 키를 확인하세요.")
    ),
    "missing_token": Kind(
        401,
        Text(
            "Nobody is signed in. Sign in, or send the header “Authorization: Bearer <token>”.",
            "로그인하지 않았습니다. 로그인하거나 “Authorization: Bearer <토큰>” 헤더를 보내세요.",
        ),
    ),
    "wrong_token": Kind(
        401,
        Text(
            "This token is not one of ours, or was revoked. Check it.",
            "등록되지 않았거나 폐기된 토큰입니다. 확인하세요.",
        ),
    ),
    "not_allowed": Kind(
        403,
        Text(
            "The role “{role}” does not include {permission}. Ask an admin of this workspace.",
            "‘{role}’ 역할에는 {permission} 권한이 없습니다. 워크스페이스 관리자에게 요청하세요.",
        ),
    ),
    "csrf": Kind(
        403,
        Text(
            "This did not come from a page of the console, or the page is older than your session. Load it again.",
            "콘솔에서 보낸 요청이 아니거나, 화면을 연 뒤 세션이 바뀌었습니다. 화면을 새로 고치세요.",
        ),
    ),
    # The body as a whole
    "body_too_large": Kind(
        400,
        Text(
            "The body is larger than {limit} bytes. Send less at once.",
            "본문이 {limit}바이트를 넘습니다. 나누어 보내세요.",
        ),
    ),
    "too_many_events": Kind(
        400,
        Text(
            "The batch has {count} events, more than {limit}. Send it in parts.",
            "배치의 이벤트가 {count}개로 {limit}개를 넘습니다. 나누어 보내세요.",
        ),
    ),
    "unsupported_encoding": Kind(
        400,
        Text(
            "Content-Encoding “{encoding}” is not supported. Use gzip, or none.",
            "Content-Encoding “{encoding}”은(는) 지원하지 않습니다. gzip을 쓰거나 압축하지 마세요.",
        ),
    ),
    "invalid_gzip": Kind(
        400, Text("The body is not valid gzip. Compress it again.", "본문이 올바른 gzip이 아닙니다. 다시 압축하세요.")
    ),
    "invalid_json": Kind(
        400,
        Text(
            "The body is not valid JSON in UTF-8 (near character {position}). Correct it.",
            "본문이 UTF-8로 된 올바른 JSON이 아닙니다({position}번째 글자 부근). 고쳐 주세요.",
        ),
    ),
    "invalid_yaml": Kind(
        400,
        Text(
            "The body is not valid YAML (line {line}). Correct it.",
            "본문이 올바른 YAML이 아닙니다({line}번째 줄). 고쳐 주세요.",
        ),
    ),
    "too_deep": Kind(
        400,
        Text(
            "Values are nested more than {limit} levels deep. Flatten them.",
            "값이 {limit}단계보다 깊게 중첩되어 있습니다. 단계를 줄이세요.",
        ),
    ),
    "not_a_journey": Kind(
        400,
        Text(
            "This is no journey file: it holds {found} instead of “name”, “steps” and “edges”. "
            "Choose a file that was downloaded from a journey, or correct it.",
            "여정 파일이 아닙니다. “name”, “steps”, “edges” 항목이 없습니다(파일 내용: {found}). "
            "여정에서 내려받은 파일을 고르거나 내용을 고쳐 주세요.",
        ),
    ),
    # One value
    "missing_field": Kind(400, Text("“{field}” is required. Add it.", "“{field}”이(가) 필요합니다. 추가하세요.")),
    "wrong_type": Kind(
        400,
        Text(
            "“{field}” must be {expected}. Correct it.", "“{field}”의 형식이 잘못되었습니다({expected}). 고쳐 주세요."
        ),
    ),
    "too_long": Kind(
        400,
        Text(
            "“{field}” is longer than {limit} characters. Shorten it.",
            "“{field}”이(가) {limit}자를 넘습니다. 줄이세요.",
        ),
    ),
    "unknown_type": Kind(
        400,
        Text(
            "“type” must be one of: {allowed}. Correct it.", "“type”은 다음 중 하나여야 합니다: {allowed}. 고쳐 주세요."
        ),
    ),
    "missing_identity": Kind(
        400,
        Text(
            "Nobody to credit this to: give “userId” or “anonymousId”.",
            "누구의 이벤트인지 알 수 없습니다. “userId” 또는 “anonymousId”를 보내세요.",
        ),
    ),
    "event_too_large": Kind(
        400,
        Text(
            "The event has {size} bytes, more than {limit}. Send fewer or shorter properties.",
            "이벤트가 {size}바이트로 {limit}바이트를 넘습니다. 속성을 줄이세요.",
        ),
    ),
    "invalid_timestamp": Kind(
        400,
        Text(
            "“{field}” is not an ISO 8601 time after 1900, such as 2026-03-01T09:30:00Z. Correct it, or leave it out.",
            "“{field}”이(가) ISO 8601 시각(1900년 이후, 예: 2026-03-01T09:30:00Z)이 아닙니다. 고치거나 빼 주세요.",
        ),
    ),
    "not_stored": Kind(
        400,
        Text(
            "The database does not accept this event. Report it with its message id.",
            "데이터베이스가 이 이벤트를 받지 않았습니다. 메시지 ID와 함께 알려 주세요.",
        ),
    ),
    "wrong_columns": Kind(
        400,
        Text(
            "The row has {count} columns, the header {expected}. Look for a stray quote or comma.",
            "행의 열이 {count}개인데 머리글은 {expected}개입니다. 잘못된 따옴표나 쉼표가 있는지 보세요.",
        ),
    ),
    # Traits that are kept as plain attributes, with a warning
    "invalid_device": Kind(
        400,
        Text(
            "“{field}” is no push token, and no subscription as a browser gives it.",
            "“{field}”이(가) 푸시 토큰도, 브라우저가 준 구독 정보도 아닙니다.",
        ),
    ),
    "unproven_identity": Kind(
        403,
        Text(
            "This customer's messages are given out only with a valid “userHash”.",
            "이 고객의 메시지는 올바른 “userHash”가 있어야 보여 줍니다.",
        ),
    ),
    "invalid_email": Kind(
        400,
        Text(
            "“{field}” is not an e-mail address; it was kept as an attribute, and nothing is sent to it.",
            "“{field}”이(가) 이메일 주소가 아니어서 속성으로만 저장했고, 발송에는 쓰지 않습니다.",
        ),
    ),
    "invalid_phone": Kind(
        400,
        Text(
            "“{field}” is not a telephone number; it was kept as an attribute, and nothing is sent to it. "
            "Numbers without + are read as Korean.",
            "“{field}”이(가) 전화번호가 아니어서 속성으로만 저장했고, 발송에는 쓰지 않습니다. "
            "+가 없는 번호는 한국 번호로 읽습니다.",
        ),
    ),
    "invalid_locale": Kind(
        400,
        Text(
            "“{field}” is not a language such as ko or en-US; it was kept as an attribute.",
            "“{field}”이(가) ko, en-US 같은 언어가 아니어서 속성으로만 저장했습니다.",
        ),
    ),
    "invalid_time_zone": Kind(
        400,
        Text(
            "“{field}” is not an IANA time zone such as Asia/Seoul; it was kept as an attribute.",
            "“{field}”이(가) Asia/Seoul 같은 IANA 시간대가 아니어서 속성으로만 저장했습니다.",
        ),
    ),
    "invalid_consent": Kind(
        400,
        Text(
            "“{field}” must be true or false, under a channel such as “email” or “email:night”; it was not applied.",
            "“{field}”은(는) “email”, “email:night” 같은 채널의 true 또는 false여야 해서 반영하지 않았습니다.",
        ),
    ),
    # The admin API
    "not_found": Kind(404, Text("There is nothing here. Check the address.", "찾을 수 없습니다. 주소를 확인하세요.")),
    "unknown_provider": Kind(
        404,
        Text(
            "There is no provider “{provider}” that calls us. Check the address.",
            "이 주소로 호출하는 발송사 “{provider}”이(가) 없습니다. 주소를 확인하세요.",
        ),
    ),
    "wrong_signature": Kind(
        401,
        Text(
            "This call does not prove that it is the provider's. Enter the same secret there and on the page Channels.",
            "발송사의 호출임을 확인할 수 없습니다. 발송사와 채널 화면에 같은 시크릿을 입력하세요.",
        ),
    ),
    "invalid_callback": Kind(
        400,
        Text("This call is not one that the provider makes.", "발송사의 호출 형식이 아닙니다."),
    ),
    "unknown_journey": Kind(
        404, Text("There is no journey “{key}”. Check its key.", "여정 “{key}”이(가) 없습니다. 키를 확인하세요.")
    ),
    "unknown_survey": Kind(
        404, Text("There is no survey “{key}”. Check its key.", "“{key}” 설문이 없습니다. 키를 확인하세요.")
    ),
    "unknown_customer": Kind(
        404,
        Text(
            "There is no customer with this id or external id. Check it.",
            "이 ID 또는 외부 ID를 가진 고객이 없습니다. 확인하세요.",
        ),
    ),
    "unknown_run": Kind(
        404, Text("There is no run with this id. Check it.", "이 ID를 가진 실행이 없습니다. ID를 확인하세요.")
    ),
    "method_not_allowed": Kind(
        405, Text("This address does not answer to this method.", "이 주소에서 쓸 수 없는 메서드입니다.")
    ),
    "invalid_parameter": Kind(400, Text("“{field}”: {reason}. Correct it.", "“{field}”: {reason}. 고쳐 주세요.")),
    "invalid_cursor": Kind(
        400,
        Text(
            "“cursor” is not one that this list gave out. Start again without it.",
            "이 목록에서 받은 “cursor”가 아닙니다. cursor 없이 다시 시작하세요.",
        ),
    ),
    "key_differs": Kind(
        400,
        Text(
            "The journey calls itself “{found}”, the address says “{expected}”. Make them the same.",
            "여정의 키는 “{found}”인데 주소는 “{expected}”입니다. 같게 해 주세요.",
        ),
    ),
    "journey_has_errors": Kind(
        409,
        Text(
            "The journey has {count} errors. Correct what “problems” lists first.",
            "여정에 오류가 {count}개 있습니다. 먼저 “problems”의 항목을 고쳐 주세요.",
        ),
    ),
    "checks_stop": Kind(
        409,
        Text(
            "These checks say stop: {checks}. Mend what they found, or publish over them with “override”.",
            "점검에서 중지를 권고했습니다: {checks}. 고치거나, “override”로 그래도 게시할 수 있습니다.",
        ),
    ),
    "journey_exists": Kind(
        409,
        Text(
            "There is a journey “{key}” already. Choose another key.",
            "“{key}” 여정이 이미 있습니다. 다른 키를 쓰세요.",
        ),
    ),
    "journey_published": Kind(
        409,
        Text(
            "“{key}” has been published, and customers may be in it: it cannot be deleted. Pause it instead.",
            "“{key}” 여정은 게시된 적이 있어 삭제할 수 없습니다. 대신 일시 중지하세요.",
        ),
    ),
    "journey_not_published": Kind(
        409,
        Text(
            "“{key}” has not been published yet, so there is nothing to pause. Publish it first.",
            "“{key}” 여정은 아직 게시되지 않았습니다. 먼저 게시하세요.",
        ),
    ),
    "draft_changed": Kind(
        412,
        Text(
            "{by} changed the draft after you opened it, so nothing was saved. Compare it with “current”.",
            "여는 사이 {by} 님이 초안을 변경해 저장하지 않았습니다. “current”와 비교해 보세요.",
        ),
    ),
    "unknown_version": Kind(
        404,
        Text(
            "“{key}” has no version {version}. Check the number.",
            "“{key}” 여정에 버전 {version}이(가) 없습니다. 번호를 확인하세요.",
        ),
    ),
    "unknown_template": Kind(
        404,
        Text("There is no template “{template}”. Check its id.", "“{template}” 템플릿이 없습니다. ID를 확인하세요."),
    ),
    "unknown_pool": Kind(
        404,
        Text("There is no coupon pool “{key}”. Check its key.", "“{key}” 쿠폰 풀이 없습니다. 키를 확인하세요."),
    ),
    "pool_exists": Kind(
        409,
        Text(
            "There is a coupon pool “{key}” already. Choose another key.",
            "“{key}” 쿠폰 풀이 이미 있습니다. 다른 키를 쓰세요.",
        ),
    ),
    "unknown_code": Kind(
        404, Text("There is no such coupon code. Check it.", "이런 쿠폰 코드가 없습니다. 코드를 확인하세요.")
    ),
    "unknown_message_template": Kind(
        404,
        Text(
            "There is no message template “{key}”. Check its key.", "“{key}” 메시지 템플릿이 없습니다. 키를 확인하세요."
        ),
    ),
    "template_exists": Kind(
        409,
        Text(
            "There is a message template “{key}” already. Choose another key.",
            "“{key}” 메시지 템플릿이 이미 있습니다. 다른 키를 쓰세요.",
        ),
    ),
    "template_has_errors": Kind(
        409,
        Text(
            "The template has {count} errors. Correct what “problems” lists first.",
            "템플릿에 오류가 {count}개 있습니다. “problems”에 있는 것부터 고쳐 주세요.",
        ),
    ),
    "template_used": Kind(
        409,
        Text(
            "Published journeys send “{key}” ({journeys}): archived, they could not. Change them first.",
            "게시된 여정({journeys})에서 “{key}”을(를) 발송하고 있어 보관할 수 없습니다. 여정을 먼저 바꾸세요.",
        ),
    ),
    "template_too_large": Kind(
        400,
        Text(
            "The template is larger than anybody could write, at “{field}”: {reason}. Take something away.",
            "템플릿이 너무 큽니다. “{field}”: {reason}. 줄여 주세요.",
        ),
    ),
    "test_not_sent": Kind(
        409,
        Text(
            "The test was not sent: {reason}.",
            "테스트를 발송하지 못했습니다: {reason}.",
        ),
    ),
    "journey_too_large": Kind(
        400,
        Text(
            "The journey is larger than anybody could draw, at “{field}”: {reason}. Take something away.",
            "여정이 너무 큽니다. “{field}”: {reason}. 줄여 주세요.",
        ),
    ),
    # Not your fault
    "busy": Kind(
        429,
        Text(
            "More arrives than can be stored. Send it again in {seconds} s.",
            "처리할 수 있는 양을 넘었습니다. {seconds}초 뒤에 다시 보내세요.",
        ),
    ),
    "unavailable": Kind(
        503,
        Text(
            "The database cannot be reached. Send it again in {seconds} s.",
            "데이터베이스에 연결할 수 없습니다. {seconds}초 뒤에 다시 보내세요.",
        ),
    ),
    "internal": Kind(
        500,
        Text(
            "Something went wrong here, and was logged. Try again.",
            "내부 오류가 발생해 기록했습니다. 다시 시도하세요.",
        ),
    ),
}


TITLES: dict[int, Text] = {
    400: Text("The request is not right", "요청이 올바르지 않습니다"),
    401: Text("Sign in first", "로그인이 필요합니다"),
    403: Text("Not allowed", "권한이 없습니다"),
    404: Text("Not found", "찾을 수 없습니다"),
    405: Text("Method not allowed", "쓸 수 없는 메서드입니다"),
    409: Text("Not as things stand", "지금은 할 수 없습니다"),
    412: Text("Changed meanwhile", "그사이 변경되었습니다"),
    429: Text("Too much at once", "요청이 너무 많습니다"),
    500: Text("Our mistake", "내부 오류입니다"),
    503: Text("Not available now", "지금은 사용할 수 없습니다"),
}
"""What a status means, in few words."""
