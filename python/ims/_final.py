"""Classes without subclasses."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import final as final
else:

    def final(f):
        """Marks a class as final. Other than typing's, whose import takes long, it refuses subclasses at run time, too."""

        def __init_subclass__(_):
            raise TypeError(f"type 'ims.{f.__name__}' is not an acceptable base type")

        f.__init_subclass__ = classmethod(__init_subclass__)
        return f
