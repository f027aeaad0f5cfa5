"""What customers' browsers see: pages and addresses behind signed links. Nobody signs in here; the token is the key."""

from fastapi import APIRouter

from api.public import brand, clicks, preferences, unsubscribe

router = APIRouter(include_in_schema=False)
for part in (clicks, unsubscribe, preferences, brand):
    router.include_router(part.router)
