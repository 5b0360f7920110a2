"""A virtual resident made from one portrait: card, pictures, camera clip. Marked 練習 and refused in production."""
